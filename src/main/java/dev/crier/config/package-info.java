/**
 * The configuration as records, one for each section of the file. Each record reads and validates its own section; {@link
 * dev.crier.config.Conf} reads all of them, and checks what depends on several. Packages above the event log import the
 * record of the section that they need. A record is immutable, is read once before anything opens, and may then be used on
 * any thread.
 */
package dev.crier.config;
