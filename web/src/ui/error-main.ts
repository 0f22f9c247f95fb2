import { language } from "../i18n";
import "./error-page";

await language.open();
