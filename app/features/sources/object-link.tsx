import { Link } from "@remix-run/react";
import { objectLabel, type SourceObjectRef } from "#contracts/source-links.ts";

export const objectPath = ({ source_id, type, id }: SourceObjectRef): string =>
  `/sources/${source_id}/objects/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;

/** Where a row of a connected system came from: the object that it was read from. */
export const ObjectLink = ({ object }: { object: SourceObjectRef }) => (
  <Link
    to={objectPath(object)}
    className="link flex h-6 items-center whitespace-nowrap"
    title={object.id}
    data-source-object={object.id}
  >
    {objectLabel(object.type)}
  </Link>
);
