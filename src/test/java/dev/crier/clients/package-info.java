/**
 * SSE clients that others wrote, connected to Crier. {@link dev.crier.clients.ClientContract} holds for each of them. To add a
 * client, add a class here and, if it does not run in Java, a program in {@code src/test/clients}.
 */
package dev.crier.clients;
