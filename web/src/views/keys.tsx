import { useSignal } from "@preact/signals";
import { fetchKeys, makeKey, removeKey } from "../api/accounts.ts";
import type { Role } from "../api/types.ts";
import { Busy } from "../parts/busy.tsx";
import { Fault } from "../parts/fault.tsx";
import { Choice, Field } from "../parts/field.tsx";
import { notify } from "../state/notices.ts";
import { exactly, t } from "../texts/index.ts";
import { useAsked } from "./asked.ts";
import { RoleOptions, roleOf } from "./roles.tsx";
import { useSubmit } from "./submit.ts";

/** Keys of programs. */
export function Keys() {
  const { answer, problem, load } = useAsked(fetchKeys);
  const { keys } = t.settings;
  const revoke = async (id: string, name: string) => {
    await removeKey(id);
    notify(keys.revoked(name));
    await load();
  };
  return (
    <>
      <p class="help">{keys.lead}</p>
      {problem.value !== null && <Fault problem={problem.value} onRetry={() => void load()} />}
      {answer.value === null && <Busy />}
      {answer.value?.length === 0 && <p class="nothing">{keys.none}</p>}
      {answer.value !== null && answer.value.length > 0 && (
        <div class="table-place" tabIndex={0} role="region" aria-label={t.settings.pages.keys}>
          <table>
            <thead>
              <tr>
                <th scope="col">{keys.name}</th>
                <th scope="col">{keys.role}</th>
                <th scope="col">{keys.created}</th>
                <th scope="col">{keys.expires}</th>
                <th scope="col">{keys.seen}</th>
                <th scope="col">{keys.actions}</th>
              </tr>
            </thead>
            <tbody>
              {answer.value.map(({ id, name, role, created, expires, seen }) => (
                <tr key={id}>
                  <th scope="row">{name}</th>
                  <td>{t.roleNames[role]}</td>
                  <td>{exactly(created)}</td>
                  <td>{expires === null ? t.settings.people.never : exactly(expires)}</td>
                  <td>{seen === null ? t.settings.people.never : exactly(seen)}</td>
                  <td>
                    <button
                      type="button"
                      class="quiet danger"
                      aria-label={keys.remove(name)}
                      onClick={() => void revoke(id, name)}
                    >
                      {keys.removeShort}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <NewKey onChange={load} />
    </>
  );
}

function NewKey({ onChange }: { onChange: () => Promise<void> }) {
  const { keys } = t.settings;
  const name = useSignal("");
  const role = useSignal<Role>("reader");
  const secret = useSignal<string | null>(null);
  const { busy, problem, onSubmit } = useSubmit(async () => {
    secret.value = (await makeKey(name.value, role.value)).key;
    name.value = "";
    await onChange();
  });
  return (
    <form class="inline-form" onSubmit={onSubmit}>
      <h2>{keys.add}</h2>
      <Field label={keys.name} value={name.value} onInput={(value) => (name.value = value)} />
      <Choice label={keys.role} value={role.value} onChange={(value) => (role.value = roleOf(value))}>
        <RoleOptions />
      </Choice>
      {problem.value !== null && <Fault problem={problem.value} />}
      <button type="submit" class="primary" disabled={busy.value}>
        {keys.add}
      </button>
      {secret.value !== null && (
        <div class="secret" role="status">
          <p>{keys.secret}</p>
          <p>
            <code>{secret.value}</code>
            <button
              type="button"
              onClick={() => {
                void navigator.clipboard?.writeText(secret.value ?? "").then(() => notify(t.copied));
              }}
            >
              {t.copy}
            </button>
          </p>
        </div>
      )}
    </form>
  );
}
