import { data, type LoaderFunctionArgs } from "@remix-run/node";
import { csvDownloadHeaders } from "#contracts/csv-export.ts";
import { uploadKinds } from "#contracts/upload-kinds.ts";
import { exampleCsv } from "../features/imports/examples.ts";

/** `/examples/subscriptions.csv`: a small file of a kind that imports as it is. */
export const loader = ({ params }: LoaderFunctionArgs) => {
  const kind = uploadKinds.find((name) => `${name}.csv` === params.file);
  if (!kind) throw data({ message: "There is no such example." }, { status: 404 });
  return new Response(exampleCsv(kind), { headers: csvDownloadHeaders(`example-${kind}`) });
};
