import type { Load } from "./controller/members.ts";

const GIGABYTE = 1_073_741_824;
export const NO_LOAD: Load = {
  connections: 0,
  runningJobs: 0,
  queuedJobs: 0,
  runningTasks: 0,
  memoryUsed: 33_554_432,
  diskCapacity: 100 * GIGABYTE,
  diskFree: 80 * GIGABYTE,
  workers: 4,
  maxConnections: 64,
  maxMemory: 8 * GIGABYTE,
};
