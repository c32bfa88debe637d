import { endLogin, endOtherLogins, fetchOwnAccount } from "../../api/session.ts";
import type { Login, OwnAccount } from "../../api/types.ts";
import { Facts } from "../../parts/facts.tsx";
import { useFetched, WhenFetched } from "../../parts/fetched.tsx";
import { Table } from "../../parts/table.tsx";
import { attempt, notify } from "../../state/notices.ts";
import { dateTime, t } from "../../texts/index.ts";
import { PasswordForm } from "../entry/password.tsx";

/** One's own account: what it is, its password, and where it is logged in. */
export function Account() {
  const fetched = useFetched(fetchOwnAccount);
  return <WhenFetched fetched={fetched}>{(own) => <OwnAccountParts own={own} onChange={fetched.load} />}</WhenFetched>;
}

function OwnAccountParts({ own, onChange }: { own: OwnAccount; onChange: () => Promise<void> }) {
  const { account } = t.settings;
  return (
    <>
      <Facts
        narrow
        facts={[
          [account.name, own.name],
          [account.role, `${t.roleNames[own.role]}. ${t.roles[own.role]}`],
          ...(own.created === null ? [] : [[account.created, dateTime(own.created)] as const]),
        ]}
      />
      {own.created === null ? (
        <p class="help">{account.visitor}</p>
      ) : (
        <>
          <section class="inline-form" aria-labelledby="password-title">
            <h2 id="password-title">{t.password.title}</h2>
            {own.single_sign_on ? <p class="help">{account.provider}</p> : <PasswordForm />}
          </section>
          <Logins logins={own.logins} onChange={onChange} />
        </>
      )}
    </>
  );
}

function Logins({ logins, onChange }: { logins: readonly Login[]; onChange: () => Promise<void> }) {
  const { account } = t.settings;
  const end = async (work: () => Promise<unknown>) => {
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
            dateTime(login.created),
            dateTime(login.seen),
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
