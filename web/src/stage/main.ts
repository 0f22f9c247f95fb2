import { language } from "../i18n";
import "./stage-page";

await language.open();
