/**
 * Finds, merges and reads the JSON of the configuration, key by key, and collects its errors. Knows no key of Crier's:
 * those are in {@code config}. Any package may import it, to read a section or to report an error by a {@link
 * dev.crier.config.file.ConfException}. Runs on the main thread at the start, and on the event loop that deploys Crier.
 */
package dev.crier.config.file;
