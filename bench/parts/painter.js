onmessage = async ({ data: { frames, offscreen } }) => {
  const context = offscreen.getContext("2d", { alpha: false, desynchronized: true });
  const reader = frames.getReader();
  for (;;) {
    const { value: picture, done } = await reader.read();
    if (done) return;
    if (offscreen.width !== picture.displayWidth) offscreen.width = picture.displayWidth;
    if (offscreen.height !== picture.displayHeight) offscreen.height = picture.displayHeight;
    context.drawImage(picture, 0, 0);
    picture.close();
  }
};
