import { percentile } from "./room-figures.ts";
import { createRoomWorld } from "./room-servers.ts";
import { propagate } from "./room-speed.ts";

const world = await createRoomWorld();
const per = Number(process.argv[2] ?? 10),
  readers = Number(process.argv[3] ?? 9);
for (const one of [world.ours, ...(process.argv[4] ? [world.peers[0]!] : [])]) {
  const server = await one.start();
  for (let i = 0; i < Number(process.argv[6] ?? 2); i++) {
    const cpu0 = procCpu(server.process.pid!);
    const s = await propagate(
      world,
      one,
      { rooms: 50, writers: 1, readers, perSecond: per, seconds: 8, warmUpSeconds: 2 },
      server,
    );
    const cpu1 = procCpu(server.process.pid!);
    console.log(
      one.name,
      [0.5, 0.9, 0.99, 0.999].map((q) => percentile(s.travelled, q).toFixed(1)),
      "ack",
      [0.5, 0.99].map((q) => percentile(s.acked, q).toFixed(1)),
      "gen",
      s.generatorPercent.toFixed(0),
      "server cpu s",
      (cpu1 - cpu0).toFixed(2),
    );
    if (one === world.ours) {
      const text = await (
        await fetch(server.url.replace("ws", "http").replace("/collab", "/metrics"))
      ).text();
      console.log(
        text
          .split("\n")
          .filter(
            (l) =>
              /collab_commit|eventloop_lag_(max|p99|mean)|gc_duration_seconds_(sum|count)|updates_total/.test(
                l,
              ) && !l.startsWith("#"),
          )
          .join("\n"),
      );
    }
  }
  if (process.argv[5]) server.process.kill("SIGTERM");
  else await server.kill();
}
await new Promise((d) => setTimeout(d, 1500));
await world.close();
process.exit(0);

import { readFileSync } from "node:fs";

function procCpu(pid: number) {
  const f = readFileSync(`/proc/${pid}/stat`, "utf8");
  const p = f.slice(f.lastIndexOf(")") + 2).split(" ");
  return (Number(p[11]) + Number(p[12])) / 100;
}
