"""What Vikno's figures are, each as a ratio to a named floor or peer measured in the same run."""
