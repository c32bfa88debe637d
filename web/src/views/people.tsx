import { useSignal } from "@preact/signals";
import { type Account, fetchAccounts, makeAccount, removeAccount, setRole } from "../api/accounts.ts";
import type { Role } from "../api/types.ts";
import { Busy } from "../parts/busy.tsx";
import { Fault } from "../parts/fault.tsx";
import { Choice, Field } from "../parts/field.tsx";
import { notify } from "../state/notices.ts";
import { session } from "../state/session.ts";
import { exactly, t } from "../texts/index.ts";
import { useAsked } from "./asked.ts";
import { RoleOptions, roleOf } from "./roles.tsx";
import { useSubmit } from "./submit.ts";

/** Who may come in. */
export function People() {
  const { answer, problem, load } = useAsked(fetchAccounts);
  const { people } = t.settings;
  return (
    <>
      <p class="help">{people.lead}</p>
      {problem.value !== null && <Fault problem={problem.value} onRetry={() => void load()} />}
      {answer.value === null ? <Busy /> : <Accounts accounts={answer.value} onChange={load} />}
      <NewPerson onChange={load} />
    </>
  );
}

function Accounts({ accounts, onChange }: { accounts: readonly Account[]; onChange: () => Promise<void> }) {
  const { people } = t.settings;
  const action = useSignal<() => Promise<unknown>>(async () => undefined);
  const { problem, run } = useSubmit(async () => {
    await action.value();
    await onChange();
  });
  const does = (work: () => Promise<unknown>) => {
    action.value = work;
    void run();
  };
  return (
    <>
      {problem.value !== null && <Fault problem={problem.value} />}
      <div class="table-place" tabIndex={0} role="region" aria-label={t.settings.pages.people}>
        <table>
          <thead>
            <tr>
              <th scope="col">{people.name}</th>
              <th scope="col">{people.role}</th>
              <th scope="col">{people.created}</th>
              <th scope="col">{people.seen}</th>
              <th scope="col">{people.actions}</th>
            </tr>
          </thead>
          <tbody>
            {accounts.map(({ name, role, created, seen }) => {
              const own = name === session.value?.user?.name;
              return (
                <tr key={name}>
                  <th scope="row">
                    {name} {own && <span class="help">({people.you})</span>}
                  </th>
                  <td>
                    {own ? (
                      t.roleNames[role]
                    ) : (
                      <select
                        aria-label={people.roleOf(name)}
                        value={role}
                        onChange={(event) => {
                          const wanted = roleOf(event.currentTarget.value);
                          does(() => setRole(name, wanted));
                        }}
                      >
                        <RoleOptions short />
                      </select>
                    )}
                  </td>
                  <td>{exactly(created)}</td>
                  <td>{seen === null ? people.never : exactly(seen)}</td>
                  <td>
                    {!own && (
                      <button
                        type="button"
                        class="quiet danger"
                        aria-label={people.remove(name)}
                        onClick={() => does(() => removeAccount(name))}
                      >
                        {people.removeShort}
                      </button>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

function NewPerson({ onChange }: { onChange: () => Promise<void> }) {
  const { people } = t.settings;
  const name = useSignal("");
  const password = useSignal("");
  const role = useSignal<Role>("reader");
  const { busy, problem, onSubmit } = useSubmit(async () => {
    const made = await makeAccount(name.value, password.value, role.value);
    name.value = "";
    password.value = "";
    notify(people.added(made.name));
    await onChange();
  });
  return (
    <form class="inline-form" onSubmit={onSubmit}>
      <h2>{people.add}</h2>
      <Field label={people.name} value={name.value} onInput={(value) => (name.value = value)} />
      <Field
        label={people.password}
        type="password"
        value={password.value}
        onInput={(value) => (password.value = value)}
        help={t.setup.rule}
        autocomplete="new-password"
      />
      <Choice label={people.role} value={role.value} onChange={(value) => (role.value = roleOf(value))}>
        <RoleOptions />
      </Choice>
      {problem.value !== null && <Fault problem={problem.value} />}
      <button type="submit" class="primary" disabled={busy.value}>
        {people.add}
      </button>
    </form>
  );
}
