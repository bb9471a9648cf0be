// Applications as the server tells them (facts 3.1).
import { PRETTY } from "../logic/applications.ts";
import { configOf, type AppStore, type StoredVersion } from "./app-store.ts";

const changeOf = ({ change }: StoredVersion, latest: boolean): object => (change === null ? {} : { change: { ...change, latest } });
const principalOf = ({ principal }: StoredVersion): object => (principal === undefined ? {} : { principal });

export const recordOf = (name: string, version: StoredVersion, latest: boolean): object => ({
  type: "App",
  name,
  version: version.version,
  description: version.description,
  artifact: version.artifact,
  ...changeOf(version, latest),
  ...principalOf(version),
});

export function detailOf(apps: AppStore, app: string, version: StoredVersion, latest: boolean): object {
  const { stages = [], postActions = [] } = configOf(version);
  return {
    name: app,
    appVersion: version.version,
    description: version.description,
    ...changeOf(version, latest),
    configuration: version.configuration,
    datasets: [],
    programs: apps.programsOf(version).map(({ type, name, description = "" }) => ({ type: PRETTY[type], app, name, description })),
    plugins: [...stages, ...postActions].map(({ name, plugin }) => ({ id: name, name: plugin.name, type: plugin.type })),
    artifact: version.artifact,
    ...principalOf(version),
  };
}
