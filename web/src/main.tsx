import { render } from "preact";
import { App } from "./app.tsx";
import { startTheme } from "./state/preferences.ts";
import { startRoute } from "./state/route.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/forms.css";
import "./styles/shell.css";
import "./styles/calls.css";
import "./styles/drop.css";
import "./styles/worklist.css";

startTheme();
startRoute();
const place = document.getElementById("app");
if (place !== null) render(<App />, place);
