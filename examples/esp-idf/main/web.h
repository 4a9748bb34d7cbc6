// The web server: a page for people at /, the state for programs at /api/status.
#pragma once

// Starts it, once; says on the console when it listens.
void web_start(void);
