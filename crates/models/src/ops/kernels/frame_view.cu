// Assembles observations from images that are stored as bytes: frame_view.rs.

FUNCTION unsigned moved(unsigned at, float by, unsigned length) {
    const int to = (int)at + (int)by;
    return to < 0 ? 0 : to < (int)length ? to : length - 1;
}

// at: images, views | out. count: planes, height, width, images of an observation.
CELLS(frame_views) {
    const unsigned planes = call.count[0], height = call.count[1], width = call.count[2], parts = call.count[3];
    const unsigned channels = parts * planes, channel = cell % channels, place = cell / channels % (height * width);
    const Numbers view = call.at[1].from(cell / channels / (height * width) * (parts + 3));
    const unsigned y = moved(place / width, view[parts], height), x = moved(place % width, view[parts + 1], width);
    const size_t words = (planes * height * width + 3) / 4, image = (size_t)view[channel / planes];
    const unsigned char *bytes = (const unsigned char *)call.at[0].from(image * words).first;
    call.at[2].put(cell, view[parts + 2] * (bytes[(channel % planes * height + y) * width + x] / 255.0f));
}
