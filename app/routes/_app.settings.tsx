import { Outlet } from "@remix-run/react";
import { SettingsNav } from "../features/settings/settings-nav.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";

export default function Settings() {
  return (
    <>
      <TopBar title="Settings" />
      <SettingsNav />
      <PageBody narrow>
        <Outlet />
      </PageBody>
    </>
  );
}
