"""What dispatch is worth: every policy on halls that differ in kind, at three loads, on the same days."""
