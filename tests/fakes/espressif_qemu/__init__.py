"""A fake of Espressif's QEMU: takes the real one's command lines and plays a script that it finds in the flash image."""
