/* The rules by which people are called, as managers read them. */
import { t } from "./i18n.js";

/** What people call a rule. */
export function ruleName(policy) {
  const words = {
    fifo: t("Who has waited longest goes first"),
    priority: t("Higher priority goes first, then who has waited longest"),
    index: t("Who is near the target and quickly served goes first"),
    optimized: t("Near the target, quickly served, and at the right window"),
    learned: t("As learned for this hall from simulated days"),
  };
  return words[policy] || policy;
}
