/**
 * The contract of the stores, and what they share: giving ids in one order, receipts of publications with a key, and the age
 * of entries. Also the store in memory. {@code log} calls a store; {@code log.sqlite} implements one.
 *
 * <p>A store is called on the context of the log, and shows entries there. It may work on threads of its own.
 */
package dev.crier.log.store;
