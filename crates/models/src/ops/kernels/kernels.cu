// All kernels, as one module.
#include <math.h>
#include "call.cuh"
#include "actions.cu"
#include "add_relu.cu"
#include "average_pool.cu"
#include "batch_norm.cu"
#include "bias.cu"
#include "layer_norm.cu"
#include "frame_view.cu"
#include "losses.cu"
#include "lstm.cu"
#include "optimizer_steps.cu"
#include "windows.cu"
