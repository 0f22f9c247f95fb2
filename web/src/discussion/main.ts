import { language } from "../i18n";
import "./home-page";

await language.open();
