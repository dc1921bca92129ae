import CSQLite

/// SQLite counts the memory that it takes, under one lock for the whole process, which costs a tenth
/// of the time of short statements. Larkspur's programs do not read these figures. A program that
/// uses the library may, so it is not switched off there. It has to come before the first connection.
package func countNoMemory() { larkspur_count_no_memory() }
