// A console that only a person can work, and an API that shows half of what happened.
import { Refused } from "../../../../src/model/errors.ts";
import { Books } from "../../simulation/books.ts";
import type { World } from "../../simulation/world.ts";

export class FakeDataphin {
  version: string;
  maintenance = false;
  readonly backups: string[] = [];
  readonly books = new Books();
  upgrades = 0;
  #silentUntil = 0;
  readonly #world: World;

  constructor(world: World, version: string) {
    this.#world = world;
    this.version = version;
  }
  api(): { readonly version: string; readonly maintenance: boolean } {
    if (this.#world.time < this.#silentUntil) throw new Refused("the application does not answer");
    return { version: this.version, maintenance: this.maintenance };
  }
  backup(name: string): void {
    if (this.backups.includes(name)) this.books.double("backed up twice");
    this.backups.push(name);
  }
  /** By itself, for a while. */
  fallsSilent(): void {
    this.#silentUntil = Math.max(this.#silentUntil, this.#world.time + 700);
  }

  // A person in the console.
  pressMaintenance(is: boolean): void {
    this.maintenance = is;
  }
  pressUpgrade(version: string): void {
    this.upgrades++;
    if (!this.maintenance) this.books.unsafe("upgraded outside maintenance");
    this.#silentUntil = this.#world.time + 800;
    this.version = version;
  }
}
