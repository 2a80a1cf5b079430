/**
 * Serves the static pages, from the jar or from a folder. Only {@code server} imports this package. Each event loop serves its
 * own requests; the pages of the jar are shared by all of them.
 */
package dev.crier.http.pages;
