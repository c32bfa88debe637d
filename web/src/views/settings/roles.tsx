import type { Role } from "../../api/types.ts";
import { t } from "../../texts/index.ts";

const ROLES: readonly Role[] = ["annotator", "viewer", "reader", "administrator"];

export function roleOf(value: string): Role {
  return ROLES.find((role) => role === value) ?? "viewer";
}

export function RoleOptions() {
  return (
    <>
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {t.roleNames[role]}
        </option>
      ))}
    </>
  );
}
