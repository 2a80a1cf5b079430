/**
 * Foreign SSE clients on the real Crier. {@link dev.crier.clients.ClientContract} judges what they deliver; a further client
 * costs one small class here, and one small file in {@code src/test/clients} if it does not run in Java.
 */
package dev.crier.clients;
