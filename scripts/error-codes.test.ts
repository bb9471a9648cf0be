import { expect, it } from "vitest";
import { errorTable, exitCodes } from "../src/model/errors.ts";
import { errorCodesPage, isCurrent } from "./error-codes.ts";

it("docs/error-codes.md is current (node scripts/error-codes.ts writes it)", () => expect(isCurrent()).toBe(true));

it("the page has every error and every exit code once", () => {
  const page = errorCodesPage();
  for (const code of Object.keys(errorTable)) expect(page.split(`\n| ${code} `).length, code).toBe(2);
  for (const name of Object.keys(exitCodes)) expect(page).toContain(`| ${name} `);
});

it("every code has a meaning and a remedy that are sentences", () => {
  for (const [code, { means, remedy }] of Object.entries(errorTable)) {
    expect(means, code).toMatch(/^[A-Z].*\.$/);
    expect(remedy, code).toMatch(/\S\.$/);
  }
});
