import { Form, useNavigation } from "@remix-run/react";
import { Sparkles } from "lucide-react";
import { Button } from "../../components/button.tsx";

/** One click to an organisation full of invented data. */
export function DemoChoice() {
  const pending = useNavigation().formAction === "/demo";
  return (
    <Form method="post" action="/demo" className="grid gap-3">
      <div className="flex items-center gap-3 text-xs text-ink-3">
        <span className="h-px flex-1 bg-line" />
        or look around first
        <span className="h-px flex-1 bg-line" />
      </div>
      <Button
        type="submit"
        size="xl"
        pending={pending}
        icon={<Sparkles aria-hidden="true" className="size-4 text-accent" />}
      >
        Open the demo
      </Button>
    </Form>
  );
}
