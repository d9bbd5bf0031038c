/**
 * The import rules of the house (README, "The map"): what each folder may import. Pure folders know no I/O, only db
 * knows SQL, the app knows the server by its types alone.
 */
const folders = ["metrics", "contracts", "collab", "charts", "connectors", "db", "server", "workers", "app"];
/** Small files at the root that everybody but the pure folders and the app may use. */
const rootFiles = "^(env|errors|log|shutdown)\\.ts$";
/** Tests, and what only tests import. */
const test = "[.]test[.]tsx?$|/testing";

const may = {
  metrics: { folders: [], npm: [] },
  contracts: { folders: ["metrics"], npm: ["zod"] },
  collab: { folders: ["metrics", "contracts"], npm: ["yjs", "y-protocols", "lib0", "zod"] },
  charts: { folders: ["metrics", "contracts"], npm: ["react", "react-dom", "@nivo/.+"] },
  connectors: { folders: ["metrics", "contracts"], npm: null },
  db: {
    folders: ["metrics", "contracts", "collab"],
    npm: ["drizzle-orm", "pg", "postgres", "ioredis", "graphile-worker", "uuidv7", "zod"],
  },
  workers: { folders: ["metrics", "contracts", "collab", "charts", "connectors", "db"], npm: null },
  server: { folders: ["metrics", "contracts", "collab", "charts", "connectors", "db"], npm: null },
  app: { folders: ["metrics", "contracts", "collab", "charts"], npm: null },
};

const pure = ["metrics", "contracts", "collab", "charts"];

const folderRules = folders.map((folder) => {
  const allowed = [folder, ...may[folder].folders];
  const forbidden = folders.filter((other) => !allowed.includes(other));
  return {
    name: `${folder}-folders`,
    comment: `${folder}/ may import only: ${allowed.join(", ")}`,
    severity: "error",
    from: { path: `^${folder}/`, pathNot: test },
    to: {
      path: `^(${forbidden.join("|")})/`,
      // types are erased: the app learns the server's and the database's shapes that way
      ...(folder === "app" ? { dependencyTypesNot: ["type-only"] } : {}),
    },
  };
});

const packageRules = folders
  .filter((folder) => may[folder].npm !== null)
  .map((folder) => ({
    name: `${folder}-packages`,
    comment: `${folder}/ may import only these packages: ${may[folder].npm.join(", ") || "none"}`,
    severity: "error",
    from: { path: `^${folder}/`, pathNot: test },
    to: {
      path: "^node_modules/",
      ...(may[folder].npm.length > 0
        ? { pathNot: `^node_modules/(@types/)?(${may[folder].npm.join("|")})(/|$)` }
        : {}),
    },
  }));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...folderRules,
    ...packageRules,
    {
      name: "only-db-knows-sql",
      comment: "drizzle, pg and postgres are imported in db/ only: every query goes through the tenant wall",
      severity: "error",
      from: { path: `^(${folders.filter((folder) => folder !== "db").join("|")})/`, pathNot: test },
      to: { path: "^node_modules/(drizzle-orm|pg|postgres)/" },
    },
    {
      name: "pure-folders-do-no-io",
      comment: "metrics, contracts, collab and charts use neither Node nor the files at the root",
      severity: "error",
      from: { path: `^(${pure.join("|")})/`, pathNot: test },
      to: { path: "^(env|log|start|cli|lint|test|shutdown)\\.ts$" },
    },
    {
      name: "pure-folders-know-no-node",
      comment: "metrics, contracts, collab and charts run in a browser too",
      severity: "error",
      from: { path: `^(${pure.join("|")})/`, pathNot: test },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "app-is-for-the-browser",
      comment: "the app reads no environment and no files of the server; files named *.server.ts stay there",
      severity: "error",
      from: { path: "^app/", pathNot: `${test}|\\.server\\.tsx?$` },
      to: { path: "^(env|log|start|cli|lint|test|shutdown)\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "root-files-stay-small",
      comment: "what everybody imports imports nobody",
      severity: "error",
      from: { path: rootFiles },
      to: { path: `^(${folders.join("|")}|cli)/` },
    },
    {
      name: "tests-are-not-imported",
      comment: "no product code imports a test or its helpers",
      severity: "error",
      from: { pathNot: `${test}|^e2e/|^bench/` },
      to: { path: test },
    },
    {
      name: "no-cycles",
      comment: "two files that need each other are one file, or three",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "resolvable",
      comment: "every import is found",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^virtual:|^\\.\\./build/|\\?url$" },
    },
  ],
  options: {
    doNotFollow: { path: "^(node_modules|build)/" },
    exclude: { path: "^(build|\\.data|coverage|test-results|playwright-report)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types", "default"],
    },
  },
};
