"""Flash images: several files merged into one, as the flash of a device holds them.

images = FlashImages(processes, cache=checkout / ".testarena" / "images")      # one for a run
path = await images.flash_image(parts_of_build(facts, source))                 # of a build folder
path = await images.flash_image(Parts(files=files, target="esp32", source=s))  # of loose files
"""

from tpf.firmware.images.merge import FlashImages
from tpf.firmware.images.parts import Parts, parts_of_build

__all__ = ["FlashImages", "Parts", "parts_of_build"]
