import { z } from "zod";
import { pageInput } from "#contracts/lists.ts";
import { policyDiffInput, policyDiffOutput, policyVersionsOutput } from "#contracts/policy.ts";
import { comparePolicies } from "#db/queries/policy-difference.ts";
import { listPolicyVersions } from "#db/queries/policy-versions.ts";
import { answer } from "../answer-cache.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Organisation"];

/** What a policy would do, and what it has been. The one in force is `org.policy`; `org.update` changes it. */
export const policyRouter = router({
  diff: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/policy/diff",
        tags,
        summary: "Two metric policies on your own numbers",
        description:
          "Compares presets, or `current`, rule by rule and metric by metric for thirteen months. `patch` (JSON, as PATCH /org takes it) lies over `b`. Nothing is changed.",
      },
    })
    .input(policyDiffInput)
    .output(policyDiffOutput)
    .query(({ ctx, input }) => answer(ctx, "policyDiff", input, (tx) => comparePolicies(tx, input))),

  versions: orgProcedure("org.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/policy/versions",
        tags,
        summary: "Every metric policy there has been, newest first",
      },
    })
    .input(z.object(pageInput))
    .output(policyVersionsOutput)
    .query(({ ctx, input }) => ctx.inOrg((tx) => listPolicyVersions(tx, input), { readOnly: true })),
});
