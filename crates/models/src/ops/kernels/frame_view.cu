// Observations put together of images that are kept as bytes: look.rs.

FUNCTION unsigned moved(unsigned at, float by, unsigned length) {
    const int to = (int)at + (int)by;
    return to < 0 ? 0 : to < (int)length ? to : length - 1;
}

// at: images, looks | out. count: planes, height, width, images of an observation.
CELLS(look) {
    const unsigned planes = call.count[0], height = call.count[1], width = call.count[2], parts = call.count[3];
    const unsigned channels = parts * planes, channel = cell % channels, place = cell / channels % (height * width);
    const Numbers look = call.at[1].from(cell / channels / (height * width) * (parts + 3));
    const unsigned y = moved(place / width, look[parts], height), x = moved(place % width, look[parts + 1], width);
    const size_t words = (planes * height * width + 3) / 4, image = (size_t)look[channel / planes];
    const unsigned char *bytes = (const unsigned char *)call.at[0].from(image * words).first;
    call.at[2].put(cell, look[parts + 2] * (bytes[(channel % planes * height + y) * width + x] / 255.0f));
}
