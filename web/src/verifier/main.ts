import { language } from "../i18n";
import "./verifier-page";

await language.open();
