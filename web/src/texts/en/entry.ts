// Set-up, login and passwords.

export const entry = {
  setup: {
    title: "Set up the reading room",
    lead: "The first account is an administrator. It can create accounts for others.",
    token: "Setup token",
    tokenHelp: "The server printed it when it started. It can be used once.",
    tokenFound: "The token was taken from the address you opened.",
    resetTitle: "Reset administrator access",
    resetLead:
      "The account named here becomes an administrator with this password. It is created if it does not exist.",
    resetSubmit: "Set password and log in",
    instead: "Back without using the token",
    name: "User name",
    submit: "Create administrator",
  },

  login: {
    title: "Log in",
    name: "User name",
    password: "Password",
    submit: "Log in",
    with: (provider: string) => `Continue with ${provider}`,
    or: "or",
    wrong: "User name or password is incorrect.",
    expired: "Your session has ended. Log in again to continue.",
  },

  password: {
    title: "Password",
    first: "Choose your own password",
    firstLead: (name: string) =>
      `${name}, your first password was set by someone else, who knows it. Choose a new one.`,
    given: "Password you were given",
    old: "Current password",
    choose: "Password",
    fresh: "New password",
    repeat: "Repeat password",
    rule: "At least 12 characters. A short sentence is easier to remember than a word with digits.",
    differ: "The two passwords are different.",
    wrong: "The current password is incorrect.",
    submit: "Change password",
    done: "Your password has been changed. You have been logged out everywhere else.",
  },
};
