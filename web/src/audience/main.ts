import "./begin";
import { language } from "../i18n";
import "./audience-page";

await language.open();
