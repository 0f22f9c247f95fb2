/**
 * Silences the console of a worker.
 *
 * The line's library tells the console of every session that ends, as errors; here sessions are meant to end and
 * come back, and the worker tells the page what matters. What is not caught still reaches the console.
 *
 * @module
 */

const silent = () => {};
Object.assign(console, { debug: silent, info: silent, warn: silent, error: silent });
