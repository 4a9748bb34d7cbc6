/* The shell: a prompt, a line, a command, for ever. */
#pragma once

_Noreturn void shell_run(void);
