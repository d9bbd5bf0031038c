import { ErrorPanel, useErrorWords } from "./error-page.tsx";
import { TopBar } from "./top-bar.tsx";

/** An error inside the shell: the page's bar stays, so that one can go elsewhere from it. */
export const ShellError = () => (
  <>
    <TopBar title={useErrorWords().title} />
    <ErrorPanel titled />
  </>
);
