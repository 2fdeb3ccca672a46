"""What the ONNX parser of each TensorRT release takes: operators and the types of their tensors, as
data.

Source: docs/operators.md of https://github.com/onnx/onnx-tensorrt at the branches 8.2-GA, 8.5-GA,
8.6-GA and 10.1-GA (10.1 stands for what comes after it, which takes more). Data only; rules that
are no matter of a table, such as the modes of Resize, stand in parser_rules.py.

A column is a release; a letter is a type: f FP32, h FP16, b BF16, i INT32, l INT64, q INT8, u
UINT8, t BOOL, 8 FP8, 4 INT4; - not taken. The releases of 8 read INT64 as INT32. Operators that no
release takes are left out.
"""

RELEASES = ("8.2", "8.5", "8.6", "10.1")
HIGHEST_OPSET = {"8.2": 13, "8.5": 17, "8.6": 17, "10.1": 20}

OPERATORS = """
Abs                       fhi     fhi     fhi     fhbil
Acos                      fh      fh      fh      fhb
Acosh                     fh      fh      fh      fhb
Add                       fhi     fhi     fhi     fhbil
And                       t       t       t       t
ArgMax                    fh      fh      fhi     fhbil
ArgMin                    fh      fh      fhi     fhbil
Asin                      fh      fh      fh      fhb
Asinh                     fh      fh      fh      fhb
Atan                      fh      fh      fh      fhb
Atanh                     fh      fh      fh      fhb
AveragePool               fhiq    fhiq    fhiq    fhb
BatchNormalization        fh      fh      fh      fhb
Cast                      fhiqt   fhiqt   fhiqut  fhbilut
CastLike                  -       -       -       fhbilut
Ceil                      fh      fh      fh      fhb
Celu                      fh      fh      fh      fhb
Clip                      fhq     fhq     fhq     fhb
Concat                    fhiqt   fhiqt   fhiqt   fhbilt
Constant                  fhiqt   fhiqt   fhiqt   fhbilt
ConstantOfShape           f       f       f       fhbilt
Conv                      fhq     fhq     fhq     fhb
ConvTranspose             fhq     fhq     fhq     fhb
Cos                       fh      fh      fh      fhb
Cosh                      fh      fh      fh      fhb
CumSum                    fh      fh      fh      fhb
DeformConv                -       -       -       fh
DepthToSpace              fhi     fhi     fhi     fhbil
DequantizeLinear          q       q       q       q84
Div                       fhi     fhi     fhi     fhbil
Dropout                   fh      fh      fh      fhb
Einsum                    fh      fh      fh      fhb
Elu                       fhq     fhq     fhq     fhb
Equal                     fhi     fhi     fhi     fhbil
Erf                       fh      fh      fh      fhb
Exp                       fh      fh      fh      fhb
Expand                    fhit    fhit    fhit    fhbilt
EyeLike                   fhit    fhit    fhit    fhbilt
Flatten                   fhit    fhit    fhit    fhbilt
Floor                     fh      fh      fh      fhb
GRU                       fh      fh      fh      fhb
Gather                    fhiq    fhiqt   fhiqt   fhbilt
GatherElements            fhiq    fhiqt   fhiqt   fhbilt
GatherND                  fhiq    fhiqt   fhiqt   fhbilt
Gelu                      -       -       -       fhbilq
Gemm                      fhq     fhq     fhq     fhb
GlobalAveragePool         fhq     fhq     fhq     fhb
GlobalLpPool              fhq     fhq     fhq     fhb
GlobalMaxPool             fhq     fhq     fhq     fhb
Greater                   fhi     fhi     fhi     fhbil
GreaterOrEqual            fhi     fhi     fhi     fhbil
GridSample                -       fh      fh      fh
GroupNormalization        -       -       fh      fhb
HardSigmoid               fhq     fhq     fhq     fhb
HardSwish                 -       fhq     fhq     fhb
Hardmax                   -       -       -       fhb
Identity                  fhiqt   fhiqt   fhiqt   fhbilt
If                        fhit    fhit    fhit    fhbilt
ImageScaler               fh      fh      fh      fhb
InstanceNormalization     fh      fh      fh      fhb
IsInf                     -       -       fh      fhb
IsNaN                     fhi     fhi     fhi     fhbil
LRN                       fh      fh      fh      fhb
LSTM                      fh      fh      fh      fhb
LayerNormalization        -       -       fh      fhb
LeakyRelu                 fhq     fhq     fhq     fhb
Less                      fhi     fhi     fhi     fhbil
LessOrEqual               fhi     fhi     fhi     fhbil
Log                       fh      fh      fh      fhb
LogSoftmax                fh      fh      fh      fhb
Loop                      fhit    fhit    fhit    fhbilt
LpNormalization           fh      fh      fh      fhb
LpPool                    fhq     fhq     fhq     fhb
MatMul                    fh      fh      fh      fhb
Max                       fhi     fhi     fhi     fhbil
MaxPool                   fhq     fhq     fhq     fhb
Mean                      fhi     fhi     fhi     fhbil8
MeanVarianceNormalization -       fh      fh      fhb
Min                       fhi     fhi     fhi     fhbil
Mish                      -       -       -       fh
Mod                       -       fhi     fhi     fhbil
Mul                       fhi     fhi     fhi     fhbil
Neg                       fhi     fhi     fhi     fhbil
NonMaxSuppression         fh      fh      fh      fh
NonZero                   -       fh      fh      fh
Not                       t       t       t       t
OneHot                    -       fhit    fhit    fhbilt
Or                        t       t       t       t
PRelu                     fhq     fhq     fhq     fhb
Pad                       fhiq    fhiq    fhiq    fhbil
ParametricSoftplus        fhq     fhq     fhq     fhb
Pow                       fh      fh      fh      fhb
QuantizeLinear            fh      fh      fh      fhb
RNN                       fh      fh      fh      fhb
RandomNormal              -       fh      fh      fhb
RandomNormalLike          -       fh      fh      fhb
RandomUniform             fh      fh      fh      fhb
RandomUniformLike         fh      fh      fh      fhb
Range                     fhi     fhi     fhi     fhbil
Reciprocal                -       fh      fh      fhb
ReduceLogSum              fh      fh      fh      fhbil
ReduceLogSumExp           fh      fh      fh      fhbil
ReduceMax                 fh      fh      fh      fhbil
ReduceMean                fh      fh      fh      fhbil
ReduceMin                 fh      fh      fh      fhbil
ReduceProd                fh      fh      fh      fhbil
ReduceSum                 fh      fh      fh      fhbil
ReduceSumSquare           fh      fh      fh      fhbil
Relu                      fhq     fhq     fhq     fhbil
Reshape                   fhiqt   fhiqt   fhiqt   fhbilt
Resize                    fh      fh      fh      fhb
ReverseSequence           fh      fh      fhiqt   fhbilt
RoiAlign                  -       fh      fh      fh
Round                     fhq     fhq     fhq     fhb
ScaledTanh                fhq     fhq     fhq     fhb
Scan                      fh      fh      fh      fhb
Scatter                   fhiq    fhiq    fhiq    fhbil
ScatterElements           fhiq    fhiq    fhiq    fhbil
ScatterND                 fhiq    fhiq    fhiq    fhbil
Selu                      fhq     fhq     fhq     fhb
Shape                     fhiqt   fhiqt   fhiqt   fhbilt
Shrink                    -       fhi     fhi     fhbil
Sigmoid                   fhq     fhq     fhq     fhb
Sign                      fhiq    fhiq    fhiq    fhbil
Sin                       fh      fh      fh      fhb
Sinh                      fh      fh      fh      fhb
Size                      fhiqt   fhiqt   fhiqt   fhbilt
Slice                     fhiqt   fhiqt   fhiqt   fhbilt
Softmax                   fh      fh      fh      fhb
Softplus                  fhq     fhq     fhq     fhb
Softsign                  fhq     fhq     fhq     fhb
SpaceToDepth              fhi     fhi     fhi     fhbil
Split                     fhit    fhit    fhit    fhbilt
Sqrt                      fh      fh      fh      fhb
Squeeze                   fhiqt   fhiqt   fhiqt   fhbilt
Sub                       fhi     fhi     fhi     fhbil
Sum                       fhi     fhi     fhi     fhbil
Tan                       fh      fh      fh      fhb
Tanh                      fhq     fhq     fhq     fhb
ThresholdedRelu           fhq     fhq     fhq     fhb
Tile                      fhit    fhit    fhit    fhbilt
TopK                      fh      fh      fhi     fhbil
Transpose                 fhiqt   fhiqt   fhiqt   fhbilt
Trilu                     -       fhiqt   fhiqt   fhbilt
Unsqueeze                 fhiqt   fhiqt   fhiqt   fhbilt
Upsample                  fh      fh      fh      fhb
Where                     fhit    fhit    fhit    fhbilt
Xor                       -       t       t       t
"""


def types_by_operator(release: str) -> dict[str, str]:
    """{operator: letters of the types it takes} of one of RELEASES."""
    column = 1 + RELEASES.index(release)
    rows = (line.split() for line in OPERATORS.strip().splitlines())
    return {row[0]: row[column] for row in rows if row[column] != "-"}
