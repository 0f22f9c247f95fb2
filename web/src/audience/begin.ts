/**
 * The first thing that the audience page does, before any of its elements is known.
 *
 * @module
 */

import { beginWatching } from "./watching";

beginWatching();
