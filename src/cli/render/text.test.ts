import { expect, it } from "vitest";
import { labelled } from "./text.ts";

const long = "stillwater plan --to 2.00.8.12 --mode zero-downtime --override compatibility-level";

it("a command that would be broken stands on a line of its own, whole", () =>
  expect(labelled("do", `Wait, or all the same: \`${long}\`. Then look again.`, 40)).toEqual([
    "  do      Wait, or all the same:",
    `          ${long}`,
    "          Then look again.",
  ]));
it("one that fits stays in its sentence", () =>
  expect(labelled("do", "`stillwater status` names it.", 60)).toEqual(["  do      `stillwater status` names it."]));
it("two of them, and nothing else", () => expect(labelled("or", `\`${long}\` \`${long}\``, 40)).toEqual([`  or      ${long}`, `          ${long}`]));
it("a text without words is one line", () => expect(labelled("do", "", 40)).toEqual(["  do      "]));
