/** A long test of Crier with clients that disconnect and stall, and of the resources that it uses afterwards. */
package dev.crier.endurance;
