"""What the ONNX parser of each TensorRT release takes: operators and the types of their tensors, as
data.

Sources: docs/operators.md of https://github.com/onnx/onnx-tensorrt at the branches 8.2-GA, 8.5-GA,
8.6-GA and 10.1-GA and in its newest public form, of 10.15, opset 9 to 24; and what
docs/Changelog.md and the notes of the releases say was added. 10.2 and 10.3 added no operator to
10.1's list; 10.13 is that list and what came from 10.4 to 10.13; of 10.16 no list is public, it is
read as 10.15; 11.0 is 10.15 with Swish, and to 11.4 the notes name DFT and GridSample of five
dimensions (11.2), which are left out here. The lists give the windows' types by what comes out; i
and l, their length, are added. Data only; rules that are no matter of a table, such as the modes of
Resize, stand in parser_rules.py.

A column is a release; a letter is a type: f FP32, h FP16, b BF16, i INT32, l INT64, q INT8, u
UINT8, t BOOL, 8 FP8, 4 INT4, e FP4; - not taken. The releases of 8 read INT64 as INT32. Operators
that no release takes are left out.
"""

RELEASES = ("8.2", "8.5", "8.6", "10.3", "10.13", "10.15", "11.0")
HIGHEST_OPSET = {
    "8.2": 13,
    "8.5": 17,
    "8.6": 17,
    "10.3": 20,
    "10.13": 22,
    "10.15": 24,
    "11.0": 24,
}

OPERATORS = """
Abs                       fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Acos                      fh      fh      fh      fhb       fhb       fhb       fhb
Acosh                     fh      fh      fh      fhb       fhb       fhb       fhb
Add                       fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
And                       t       t       t       t         t         t         t
ArgMax                    fh      fh      fhi     fhbil     fhbil     fhbil     fhbil
ArgMin                    fh      fh      fhi     fhbil     fhbil     fhbil     fhbil
Asin                      fh      fh      fh      fhb       fhb       fhb       fhb
Asinh                     fh      fh      fh      fhb       fhb       fhb       fhb
Atan                      fh      fh      fh      fhb       fhb       fhb       fhb
Atanh                     fh      fh      fh      fhb       fhb       fhb       fhb
Attention                 -       -       -       -         -         fhbq8     fhbq8
AveragePool               fhiq    fhiq    fhiq    fhb       fhb       fhb       fhb
BatchNormalization        fh      fh      fh      fhb       fhb       fhb       fhb
BlackmanWindow            -       -       -       -         fhil      fhil      fhil
Cast                      fhiqt   fhiqt   fhiqut  fhbilut   fhbilut   fhbilut   fhbilut
CastLike                  -       -       -       fhbilut   fhbilut   fhbilut   fhbilut
Ceil                      fh      fh      fh      fhb       fhb       fhb       fhb
Celu                      fh      fh      fh      fhb       fhb       fhb       fhb
Clip                      fhq     fhq     fhq     fhb       fhb       fhb       fhb
Concat                    fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Constant                  fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbil84et fhbil84et
ConstantOfShape           f       f       f       fhbilt    fhbilt    fhbil84et fhbil84et
Conv                      fhq     fhq     fhq     fhb       fhb       fhb       fhb
ConvTranspose             fhq     fhq     fhq     fhb       fhb       fhb       fhb
Cos                       fh      fh      fh      fhb       fhb       fhb       fhb
Cosh                      fh      fh      fh      fhb       fhb       fhb       fhb
CumSum                    fh      fh      fh      fhb       fhb       fhb       fhb
DeformConv                -       -       -       fh        fh        fh        fh
DepthToSpace              fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
DequantizeLinear          q       q       q       q84       q84       q84e      q84e
Div                       fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Dropout                   fh      fh      fh      fhb       fhb       fhb       fhb
Einsum                    fh      fh      fh      fhb       fhb       fhb       fhb
Elu                       fhq     fhq     fhq     fhb       fhb       fhb       fhb
Equal                     fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Erf                       fh      fh      fh      fhb       fhb       fhb       fhb
Exp                       fh      fh      fh      fhb       fhb       fhb       fhb
Expand                    fhit    fhit    fhit    fhbilt    fhbilt    fhbilt    fhbilt
EyeLike                   fhit    fhit    fhit    fhbilt    fhbilt    fhbilt    fhbilt
Flatten                   fhit    fhit    fhit    fhbilt    fhbilt    fhbilt    fhbilt
Floor                     fh      fh      fh      fhb       fhb       fhb       fhb
GRU                       fh      fh      fh      fhb       fhb       fhb       fhb
Gather                    fhiq    fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
GatherElements            fhiq    fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
GatherND                  fhiq    fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Gelu                      -       -       -       fhbilq    fhbilq    fhbilq    fhbilq
Gemm                      fhq     fhq     fhq     fhb       fhb       fhb       fhb
GlobalAveragePool         fhq     fhq     fhq     fhb       fhb       fhb       fhb
GlobalLpPool              fhq     fhq     fhq     fhb       fhb       fhb       fhb
GlobalMaxPool             fhq     fhq     fhq     fhb       fhb       fhb       fhb
Greater                   fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
GreaterOrEqual            fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
GridSample                -       fh      fh      fh        fh        fh        fh
GroupNormalization        -       -       fh      fhb       fhb       fhb       fhb
HammingWindow             -       -       -       -         fhil      fhil      fhil
HannWindow                -       -       -       -         fhil      fhil      fhil
HardSigmoid               fhq     fhq     fhq     fhb       fhb       fhb       fhb
HardSwish                 -       fhq     fhq     fhb       fhb       fhb       fhb
Hardmax                   -       -       -       fhb       fhb       fhb       fhb
Identity                  fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
If                        fhit    fhit    fhit    fhbilt    fhbilt    fhbilt    fhbilt
ImageScaler               fh      fh      fh      fhb       fhb       fhb       fhb
InstanceNormalization     fh      fh      fh      fhb       fhb       fhb       fhb
IsInf                     -       -       fh      fhb       fhb       fhb       fhb
IsNaN                     fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
LRN                       fh      fh      fh      fhb       fhb       fhb       fhb
LSTM                      fh      fh      fh      fhb       fhb       fhb       fhb
LayerNormalization        -       -       fh      fhb       fhb       fhb       fhb
LeakyRelu                 fhq     fhq     fhq     fhb       fhb       fhb       fhb
Less                      fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
LessOrEqual               fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Log                       fh      fh      fh      fhb       fhb       fhb       fhb
LogSoftmax                fh      fh      fh      fhb       fhb       fhb       fhb
Loop                      fhit    fhit    fhit    fhbilt    fhbilt    fhbilt    fhbilt
LpNormalization           fh      fh      fh      fhb       fhb       fhb       fhb
LpPool                    fhq     fhq     fhq     fhb       fhb       fhb       fhb
MatMul                    fh      fh      fh      fhb       fhb       fhb       fhb
Max                       fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
MaxPool                   fhq     fhq     fhq     fhb       fhb       fhb       fhb
Mean                      fhi     fhi     fhi     fhbil8    fhbil8    fhbil8    fhbil8
MeanVarianceNormalization -       fh      fh      fhb       fhb       fhb       fhb
Min                       fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Mish                      -       -       -       fh        fh        fh        fh
Mod                       -       fhi     fhi     fhbil     fhbil     fhbil     fhbil
Mul                       fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Neg                       fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
NonMaxSuppression         fh      fh      fh      fh        fh        fh        fh
NonZero                   -       fh      fh      fh        fh        fh        fh
Not                       t       t       t       t         t         t         t
OneHot                    -       fhit    fhit    fhbilt    fhbilt    fhbilt    fhbilt
Or                        t       t       t       t         t         t         t
PRelu                     fhq     fhq     fhq     fhb       fhb       fhb       fhb
Pad                       fhiq    fhiq    fhiq    fhbil     fhbil     fhbil     fhbil
ParametricSoftplus        fhq     fhq     fhq     fhb       fhb       fhb       fhb
Pow                       fh      fh      fh      fhb       fhbil     fhbil     fhbil
QuantizeLinear            fh      fh      fh      fhb       fhb       fhb       fhb
RMSNormalization          -       -       -       -         -         fhb       fhb
RNN                       fh      fh      fh      fhb       fhb       fhb       fhb
RandomNormal              -       fh      fh      fhb       fhb       fhb       fhb
RandomNormalLike          -       fh      fh      fhb       fhb       fhb       fhb
RandomUniform             fh      fh      fh      fhb       fhb       fhb       fhb
RandomUniformLike         fh      fh      fh      fhb       fhb       fhb       fhb
Range                     fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Reciprocal                -       fh      fh      fhb       fhb       fhb       fhb
ReduceL1                  fh      fh      fh      fhbil     fhbil     fhbil     fhbil
ReduceL2                  fh      fh      fh      fhbil     fhbil     fhbil     fhbil
ReduceLogSum              fh      fh      fh      fhbil     fhbil     fhbil     fhbil
ReduceLogSumExp           fh      fh      fh      fhbil     fhbil     fhbil     fhbil
ReduceMax                 fh      fh      fh      fhbil     fhbil     fhbil     fhbil
ReduceMean                fh      fh      fh      fhbil     fhbil     fhbil     fhbil
ReduceMin                 fh      fh      fh      fhbil     fhbil     fhbil     fhbil
ReduceProd                fh      fh      fh      fhbil     fhbil     fhbil     fhbil
ReduceSum                 fh      fh      fh      fhbil     fhbil     fhbil     fhbil
ReduceSumSquare           fh      fh      fh      fhbil     fhbil     fhbil     fhbil
Relu                      fhq     fhq     fhq     fhbil     fhbil     fhbil     fhbil
Reshape                   fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Resize                    fh      fh      fh      fhb       fhb       fhb       fhb
ReverseSequence           fh      fh      fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
RoiAlign                  -       fh      fh      fh        fh        fh        fh
RotaryEmbedding           -       -       -       -         -         fhb       fhb
Round                     fhq     fhq     fhq     fhb       fhb       fhb       fhb
STFT                      -       -       -       -         f         f         f
ScaledTanh                fhq     fhq     fhq     fhb       fhb       fhb       fhb
Scan                      fh      fh      fh      fhb       fhb       fhb       fhb
Scatter                   fhiq    fhiq    fhiq    fhbil     fhbil     fhbil     fhbil
ScatterElements           fhiq    fhiq    fhiq    fhbil     fhbil     fhbil     fhbil
ScatterND                 fhiq    fhiq    fhiq    fhbil     fhbil     fhbil     fhbil
Selu                      fhq     fhq     fhq     fhb       fhb       fhb       fhb
Shape                     fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Shrink                    -       fhi     fhi     fhbil     fhbil     fhbil     fhbil
Sigmoid                   fhq     fhq     fhq     fhb       fhb       fhb       fhb
Sign                      fhiq    fhiq    fhiq    fhbil     fhbil     fhbil     fhbil
Sin                       fh      fh      fh      fhb       fhb       fhb       fhb
Sinh                      fh      fh      fh      fhb       fhb       fhb       fhb
Size                      fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Slice                     fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Softmax                   fh      fh      fh      fhb       fhb       fhb       fhb
Softplus                  fhq     fhq     fhq     fhb       fhb       fhb       fhb
Softsign                  fhq     fhq     fhq     fhb       fhb       fhb       fhb
SpaceToDepth              fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Split                     fhit    fhit    fhit    fhbilt    fhbilt    fhbilt    fhbilt
Sqrt                      fh      fh      fh      fhb       fhb       fhb       fhb
Squeeze                   fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Sub                       fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Sum                       fhi     fhi     fhi     fhbil     fhbil     fhbil     fhbil
Swish                     -       -       -       -         -         -         fhb
Tan                       fh      fh      fh      fhb       fhb       fhb       fhb
Tanh                      fhq     fhq     fhq     fhb       fhb       fhb       fhb
TensorScatter             -       -       -       -         -         fhbi      fhbi
ThresholdedRelu           fhq     fhq     fhq     fhb       fhb       fhb       fhb
Tile                      fhit    fhit    fhit    fhbilt    fhbilt    fhbilt    fhbilt
TopK                      fh      fh      fhi     fhbil     fhbil     fhbil     fhbil
Transpose                 fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Trilu                     -       fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Unsqueeze                 fhiqt   fhiqt   fhiqt   fhbilt    fhbilt    fhbilt    fhbilt
Upsample                  fh      fh      fh      fhb       fhb       fhb       fhb
Where                     fhit    fhit    fhit    fhbilt    fhbilt    fhbilt    fhbilt
Xor                       -       t       t       t         t         t         t
"""


def types_by_operator(release: str) -> dict[str, str]:
    """{operator: letters of the types it takes} of one of RELEASES."""
    column = 1 + RELEASES.index(release)
    rows = (line.split() for line in OPERATORS.strip().splitlines())
    return {row[0]: row[column] for row in rows if row[column] != "-"}
