//! Formula and sizes to a plan: lowering, fusion, tiles and buffers, as plain data.
