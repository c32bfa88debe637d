import { useSignal } from "@preact/signals";
import { changeAccount, createAccount, fetchAccounts, removeAccount } from "../../api/accounts.ts";
import type { Account, AccountChange, Role } from "../../api/types.ts";
import { ProblemAlert } from "../../parts/alert.tsx";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { FormDialog } from "../../parts/dialogs/form-dialog.tsx";
import { useFetched, WhenFetched } from "../../parts/fetched.tsx";
import { Choice, Field } from "../../parts/forms/field.tsx";
import { PasswordField } from "../../parts/forms/new-password.tsx";
import { useSubmit } from "../../parts/forms/submit.ts";
import { Table } from "../../parts/table.tsx";
import { attempt, notify } from "../../state/notices.ts";
import { session } from "../../state/session.ts";
import { dateTime, t } from "../../texts/index.ts";
import { RoleOptions, roleOf } from "./roles.tsx";

/** Who may come in. */
export function People() {
  const fetched = useFetched(fetchAccounts);
  const { people } = t.settings;
  const provider = session.value?.oidc?.name;
  return (
    <>
      <p class="help">
        {people.lead} {provider !== undefined && people.leadProvider(provider)}
      </p>
      <WhenFetched fetched={fetched}>
        {(accounts) => <Accounts accounts={accounts} onChange={fetched.load} />}
      </WhenFetched>
      <NewPerson onChange={fetched.load} />
    </>
  );
}

interface Asked {
  account: Account;
  what: "remove" | "reset";
}

function Accounts({ accounts, onChange }: { accounts: readonly Account[]; onChange: () => Promise<void> }) {
  const { people } = t.settings;
  const asked = useSignal<Asked | null>(null);
  const change = async (account: Account, what: AccountChange, done: string) => {
    if (await attempt(() => changeAccount(account.name, what))) notify(done);
    await onChange(); // also after a refusal: the choice goes back to what is true
  };
  const columns = [people.name, people.role, people.state, people.created, people.seen, t.settings.actions];
  return (
    <>
      <Table
        name={t.settings.pages.people}
        columns={columns}
        rows={accounts.map((account) => {
          const { name, role, active, created, seen } = account;
          const own = name === session.value?.user?.name;
          return {
            key: name,
            class: active ? "" : "off",
            cells: [
              <>
                {name} {own && <span class="help">({people.you})</span>}
              </>,
              own ? (
                t.roleNames[role]
              ) : (
                <select
                  aria-label={people.roleOf(name)}
                  value={role}
                  onChange={(event) => {
                    const wanted = roleOf(event.currentTarget.value);
                    void change(account, { role: wanted }, people.roleSet(name, t.roleNames[wanted]));
                  }}
                >
                  <RoleOptions />
                </select>
              ),
              active ? (account.must_change ? people.waiting : people.active) : people.closed,
              dateTime(created),
              seen === null ? people.never : dateTime(seen),
              own ? (
                ""
              ) : (
                <Actions account={account} ask={(what) => (asked.value = { account, what })} change={change} />
              ),
            ],
          };
        })}
      />
      {asked.value?.what === "remove" && (
        <Removal account={asked.value.account} onClose={() => (asked.value = null)} onChange={onChange} />
      )}
      {asked.value?.what === "reset" && (
        <Reset account={asked.value.account} onClose={() => (asked.value = null)} onChange={onChange} />
      )}
    </>
  );
}

interface ActionsProps {
  account: Account;
  ask: (what: Asked["what"]) => void;
  change: (account: Account, what: { active: boolean }, done: string) => Promise<void>;
}

function Actions({ account, ask, change }: ActionsProps) {
  const { people } = t.settings;
  const { name, active, single_sign_on } = account;
  return (
    <span class="row-actions">
      {!single_sign_on && (
        <button type="button" class="quiet" aria-label={people.resetOf(name)} onClick={() => ask("reset")}>
          {people.reset}
        </button>
      )}
      <button
        type="button"
        class="quiet"
        aria-label={active ? people.closeOf(name) : people.openOf(name)}
        onClick={() => void change(account, { active: !active }, active ? people.shut(name) : people.opened(name))}
      >
        {active ? people.close : people.open}
      </button>
      <button type="button" class="quiet danger" aria-label={people.remove(name)} onClick={() => ask("remove")}>
        {people.removeShort}
      </button>
    </span>
  );
}

interface AskedProps {
  account: Account;
  onClose: () => void;
  onChange: () => Promise<void>;
}

function Removal({ account: { name }, onClose, onChange }: AskedProps) {
  const { people } = t.settings;
  const work = async () => {
    await removeAccount(name);
    notify(people.removed(name));
    await onChange();
  };
  return (
    <Confirm title={people.removeTitle(name)} action={people.removeShort} work={work} onClose={onClose}>
      <p>{people.removeText}</p>
    </Confirm>
  );
}

function Reset({ account: { name }, onClose, onChange }: AskedProps) {
  const { people } = t.settings;
  const password = useSignal("");
  const form = useSubmit(async () => {
    await changeAccount(name, { password: password.value });
    notify(people.resetDone(name));
    onClose();
    await onChange();
  });
  return (
    <FormDialog title={people.resetOf(name)} action={people.reset} form={form} onClose={onClose}>
      <p>{people.resetLead}</p>
      <PasswordField label={people.resetField} value={password} first />
    </FormDialog>
  );
}

function NewPerson({ onChange }: { onChange: () => Promise<void> }) {
  const { people } = t.settings;
  const name = useSignal("");
  const password = useSignal("");
  const role = useSignal<Role>("reader");
  const { busy, problem, onSubmit } = useSubmit(async () => {
    const made = await createAccount(name.value, password.value, role.value);
    name.value = "";
    password.value = "";
    notify(people.added(made.name));
    await onChange();
  });
  return (
    <form class="inline-form" onSubmit={onSubmit}>
      <h2>{people.add}</h2>
      <Field label={people.name} value={name.value} onInput={(value) => (name.value = value)} />
      <PasswordField label={people.password} value={password} help={people.passwordHelp} />
      <Choice
        label={people.role}
        value={role.value}
        onChange={(value) => (role.value = roleOf(value))}
        help={t.roles[role.value]}
      >
        <RoleOptions />
      </Choice>
      {problem.value !== null && <ProblemAlert problem={problem.value} />}
      <button type="submit" class="primary" disabled={busy.value}>
        {people.add}
      </button>
    </form>
  );
}
