import { Agenda } from "./agenda.ts";
import { LabCluster, type ClusterOptions } from "./cluster.ts";
import { Programs } from "./programs/programs.ts";
import { ScheduleRoutes } from "./schedules/schedule-routes.ts";
import { Schedules } from "./schedules/schedules.ts";
import { SystemServices } from "./system.ts";

/** What applications and the lab's pages plug into. */
export interface Platform {
  readonly cluster: LabCluster;
  readonly programs: Programs;
  readonly schedules: Schedules;
}

/** One server, not started: its applications are to be plugged in first. */
export function platformOf(options: ClusterOptions): Platform {
  const cluster = new LabCluster(options);
  new SystemServices(cluster).register();
  const agenda = new Agenda(cluster);
  const programs = new Programs(cluster, agenda);
  const schedules = new Schedules(cluster, agenda, programs);
  new ScheduleRoutes(cluster, schedules).register();
  return { cluster, programs, schedules };
}
