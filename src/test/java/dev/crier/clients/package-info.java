/**
 * SSE clients that others wrote, connected to Crier. Each of them must pass {@link dev.crier.clients.ClientContract}. To add a
 * client, add a class here and, if it does not run in Java, a program in {@code src/test/clients}. {@link dev.crier.clients.Axe}
 * is from npm, too, and checks pages.
 */
package dev.crier.clients;
