// Simulated clusters of systems whose servers cannot be had, to try things on by hand. Loaded when it is asked for: nothing else of the product needs it.
export const labs = () => import("../../lab/index.ts");
