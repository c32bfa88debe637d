import { endLogin, endOtherLogins, fetchOwn } from "../../api/session.ts";
import type { Login, OwnAccount } from "../../api/types.ts";
import { Busy } from "../../parts/busy.tsx";
import { Fault } from "../../parts/fault.tsx";
import { Table } from "../../parts/table.tsx";
import { attempt, notify } from "../../state/notices.ts";
import { exactly, t } from "../../texts/index.ts";
import { PasswordForm } from "../entry/password.tsx";
import { useAsked } from "./load.ts";

/** One's own account: what it is, its password, and where it is logged in. */
export function Account() {
  const { answer, problem, load } = useAsked(fetchOwn);
  const { account } = t.settings;
  if (answer.value === null) {
    return problem.value === null ? <Busy /> : <Fault problem={problem.value} onRetry={() => void load()} />;
  }
  const own = answer.value;
  return (
    <>
      <Facts own={own} />
      {own.created === null ? (
        <p class="help">{account.visitor}</p>
      ) : (
        <>
          <section class="inline-form" aria-labelledby="password-title">
            <h2 id="password-title">{t.password.title}</h2>
            {own.single_sign_on ? <p class="help">{account.provider}</p> : <PasswordForm />}
          </section>
          <Logins logins={own.logins} onChange={load} />
        </>
      )}
    </>
  );
}

function Facts({ own }: { own: OwnAccount }) {
  const { account } = t.settings;
  const facts = [
    [account.name, own.name],
    [account.role, `${t.roleNames[own.role]}. ${t.roles[own.role]}`],
    ...(own.created === null ? [] : [[account.created, exactly(own.created)]]),
  ] as const;
  return (
    <dl class="facts-list narrow">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Logins({ logins, onChange }: { logins: readonly Login[]; onChange: () => Promise<void> }) {
  const { account } = t.settings;
  const end = async (work: () => Promise<void>) => {
    if (!(await attempt(work))) return;
    notify(account.ended);
    await onChange();
  };
  return (
    <section aria-labelledby="logins-title" class="part">
      <h2 id="logins-title">{account.logins}</h2>
      <Table
        name={account.logins}
        columns={[account.from, account.since, account.active, t.settings.actions]}
        rows={logins.map((login) => ({
          key: login.id,
          cells: [
            login.address,
            exactly(login.created),
            exactly(login.seen),
            login.current ? (
              <span class="help">{account.here}</span>
            ) : (
              <button
                type="button"
                class="quiet danger"
                aria-label={account.endOf(login.address)}
                onClick={() => void end(() => endLogin(login.id))}
              >
                {account.end}
              </button>
            ),
          ],
        }))}
      />
      {logins.length > 1 && (
        <button type="button" onClick={() => void end(endOtherLogins)}>
          {account.endOthers}
        </button>
      )}
    </section>
  );
}
