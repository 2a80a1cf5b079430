/**
 * The store in a file: entries in an SQLite database, safe from a crash of the process and of the machine.
 *
 * <p>{@link dev.crier.log.sqlite.SqliteStore} is the only public class, and only {@code LogLifecycle} imports it. No event
 * loop waits for the disk. Three threads do the work:
 *
 * <ul>
 *   <li>The writing thread opens the file, appends ({@code EntryWriter}), and trims ({@code FileTrimmer}, {@code
 *       EntryCounts}, {@code EntryDropper}). Small entries share a row ({@code EntryRow}). Entries share rows ({@code EntryRow}).
 *   <li>The reading thread reads for subscribers ({@code EntryReader}), in the order of {@code ReadQueue}, and does most of
 *       moving the write-ahead log into the database file ({@code WriteAheadLog}).
 *   <li>The copying thread writes backups ({@code BackupWriter}).
 * </ul>
 *
 * <p>Each thread has its own connection ({@code Sql}). {@code SqliteFile} names the files and makes the connections; {@code
 * SqliteFormat} has the tables.
 */
package dev.crier.log.sqlite;
