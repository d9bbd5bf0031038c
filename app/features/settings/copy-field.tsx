import { Check, Copy } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "../../components/button.tsx";
import { controlClass } from "../../components/field.tsx";

/** A text to take along, with a button that copies it; without the button's rights it can be selected by hand. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const id = useId();
  const [copied, setCopied] = useState(false);
  const Icon = copied ? Check : Copy;
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          readOnly
          value={value}
          onFocus={(event) => event.currentTarget.select()}
          className={controlClass("md", "font-mono")}
        />
        <Button
          size="lg"
          icon={<Icon aria-hidden="true" className="size-4" />}
          onClick={() => {
            navigator.clipboard.writeText(value).then(
              () => setCopied(true),
              () => document.getElementById(id)?.focus(),
            );
          }}
        >
          {copied ? "Copied" : "Copy"}
        </Button>
      </div>
    </div>
  );
}
