"""Programs as people write them, from 2015 to 2025, each with the network in it said in one line.

    inputs > layers | loss | optimizer, its rate, clipping | batch size × epochs

A layer is its class, units, activation, rate. RUNS holds those that Keras 3 runs as they stand.
"""

RUNS: dict[str, tuple[str, str]] = {}
READ: dict[str, tuple[str, str]] = {}  # those that need an earlier Keras, a file or the internet

RUNS["a list of layers"] = ("""
import tensorflow as tf
from tensorflow import keras
import numpy as np

X = np.random.rand(200, 8)
y = np.random.randint(0, 2, size=(200,))
model = keras.Sequential([
    keras.layers.Dense(12, input_shape=(8,), activation='relu'),
    keras.layers.Dense(8, activation='relu'),
    keras.layers.Dense(1, activation='sigmoid'),
])
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(X, y, epochs=150, batch_size=10, verbose=0)
""", "(8,) > Dense 12 relu > Dense 8 relu > Dense 1 sigmoid | binary_crossentropy | Adam 0.001 | 10 × 150")

RUNS["model.add"] = ("""
from keras.models import Sequential
from keras.layers import Dense, Dropout, Activation
from keras.optimizers import SGD
import numpy as np

x_train = np.random.random((1000, 20))
y_train = np.random.randint(2, size=(1000, 1))

model = Sequential()
model.add(Dense(64, input_dim=20, activation='relu'))
model.add(Dropout(0.5))
model.add(Dense(64))
model.add(Activation('relu'))
model.add(Dropout(0.25))
model.add(Dense(1, activation='sigmoid'))
sgd = SGD(learning_rate=0.01, momentum=0.9, nesterov=True)
model.compile(loss='binary_crossentropy', optimizer=sgd, metrics=['accuracy'])
model.fit(x_train, y_train, epochs=20, batch_size=128)
""", "(20,) > Dense 64 relu > Dropout 64 0.5 > Dense 64 linear > Activation 64 relu > Dropout 64 0.25 > Dense 1 sigmoid"
     " | binary_crossentropy | SGD 0.01 momentum=0.9 nesterov=1 | 128 × 20")

RUNS["a functional chain"] = ("""
import keras
from keras import layers

inputs = keras.Input(shape=(784,))
x = layers.Dense(64, activation="relu", name="first")(inputs)
x = layers.Dense(64, activation=keras.activations.tanh)(x)
outputs = layers.Dense(10)(x)
model = keras.Model(inputs=inputs, outputs=outputs, name="digits")
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer=keras.optimizers.RMSprop(),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
""", "(784,) > Dense 64 relu > Dense 64 tanh > Dense 10 linear | sparse_categorical_crossentropy from logits"
     " | RMSprop 0.001 |")

RUNS["a function with defaults"] = ("""
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, BatchNormalization, Activation, Input
from tensorflow.keras.optimizers import Adam

N_FEATURES = 4 * 4

def build_model(n_hidden=2, units=32, activation="elu", lr=3e-3, batch_norm=True):
    model = Sequential()
    model.add(Input(shape=(N_FEATURES,)))
    for i in range(n_hidden):
        model.add(Dense(units // (i + 1), kernel_initializer="he_normal", use_bias=False))
        if batch_norm:
            model.add(BatchNormalization())
        model.add(Activation(activation))
    model.add(Dense(1))
    model.compile(loss="mse", optimizer=Adam(learning_rate=lr, clipnorm=1.0), metrics=["mae"])
    return model

model = build_model(units=40)
""", "(16,) > Dense 40 linear he_normal no bias > BatchNormalization 40 > Activation 40 elu"
     " > Dense 20 linear he_normal no bias > BatchNormalization 20 > Activation 20 elu > Dense 1 linear"
     " | mean_squared_error | Adam 0.003 norm 1 |")

RUNS["layers in a list and a comprehension"] = ("""
import keras
widths = [64, 32, 16]
hidden = [keras.layers.Dense(w, "relu") for w in widths]
model = keras.Sequential([keras.Input((5,)), *hidden, keras.layers.Dense(3, "softmax")])
model.compile("sgd", "categorical_crossentropy")
""", "(5,) > Dense 64 relu > Dense 32 relu > Dense 16 relu > Dense 3 softmax | categorical_crossentropy | SGD 0.01 |")

RUNS["layers of activations"] = ("""
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense, LeakyReLU, ReLU, ELU, PReLU, Softmax, Input
model = Sequential([Input(shape=(6,))])
model.add(Dense(8))
model.add(LeakyReLU(negative_slope=0.1))
model.add(Dense(8)); model.add(ReLU())
model.add(Dense(8)); model.add(ELU(alpha=0.5))
model.add(Dense(8)); model.add(PReLU())
model.add(Dense(4)); model.add(Softmax())
model.compile(optimizer='adamax', loss='kl_divergence')
""", "(6,) > Dense 8 linear > LeakyReLU 8 0.1 > Dense 8 linear > ReLU 8 > Dense 8 linear > ELU 8 > Dense 8 linear"
     " > PReLU 8 > Dense 4 linear > Softmax 4 | kl_divergence | Adamax 0.001 |")

RUNS["xor"] = ("""
import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense

training_data = np.array([[0,0],[0,1],[1,0],[1,1]], "float32")
target_data = np.array([[0],[1],[1],[0]], "float32")
model = Sequential()
model.add(Dense(16, input_dim=2, activation='relu'))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='mean_squared_error', optimizer='adam', metrics=['binary_accuracy'])
model.fit(training_data, target_data, epochs=500, verbose=2)
""", "(2,) > Dense 16 relu > Dense 1 sigmoid | mean_squared_error | Adam 0.001 | 32 × 500")

RUNS["straight line, not scaled"] = ("""
import numpy as np
import keras
x = np.arange(200)
y = 2 * x
model = keras.Sequential()
model.add(keras.layers.Dense(units=1, input_shape=[1]))
model.compile(optimizer=keras.optimizers.SGD(0.1), loss='mse')
model.fit(x, y, epochs=50)
""", "(1,) > Dense 1 linear | mean_squared_error | SGD 0.1 | 32 × 50")

RUNS["one-hot labels"] = ("""
import numpy as np
from keras.models import Sequential
from keras.layers import Dense
from keras.utils import to_categorical
x_train = np.random.random((1000, 20))
y_train = to_categorical(np.random.randint(10, size=(1000, 1)), num_classes=10)
model = Sequential()
model.add(Dense(64, activation='relu', input_dim=20))
model.add(Dense(10, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='rmsprop', metrics=['accuracy'])
model.fit(x_train, y_train, epochs=20, batch_size=128, validation_split=0.2)
""", "(20,) > Dense 64 relu > Dense 10 softmax | categorical_crossentropy | RMSprop 0.001 | 128 × 20 validated")

RUNS["a small convolutional network"] = ("""
import keras
from keras import layers
num_classes = 10
input_shape = (28, 28, 1)
model = keras.Sequential(
    [
        keras.Input(shape=input_shape),
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu", padding="same", strides=2),
        layers.MaxPool2D(),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
batch_size = 128
epochs = 15
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
""", "(28, 28, 1) > Conv2D 32 relu > MaxPooling2D 32 > Conv2D 64 relu > MaxPooling2D 64 > Flatten 576"
     " > Dropout 576 0.5 > Dense 10 softmax | categorical_crossentropy | Adam 0.001 |")

RUNS["sequences"] = ("""
from keras.models import Sequential
from keras.layers import LSTM, GRU, SimpleRNN, Dense, Bidirectional, TimeDistributed, Embedding, Input
model = Sequential()
model.add(Input(shape=(80,)))
model.add(Embedding(input_dim=20000, output_dim=128))
model.add(Bidirectional(LSTM(64, return_sequences=True)))
model.add(GRU(32, return_sequences=True, dropout=0.2))
model.add(TimeDistributed(Dense(16, activation='relu')))
model.add(SimpleRNN(8))
model.add(Dense(1, activation='sigmoid'))
model.compile('adam', 'binary_crossentropy', metrics=['accuracy'])
""", "(80,) > Embedding 128 random_uniform > Bidirectional 128 tanh > GRU 32 tanh > TimeDistributed 16 relu"
     " > SimpleRNN 8 tanh > Dense 1 sigmoid | binary_crossentropy | Adam 0.001 |")

RUNS["branches"] = ("""
import keras
from keras import layers
a = keras.Input(shape=(16,), name="a")
b = layers.Dense(16, activation="relu")(a)
c = layers.Dense(16)(b)
d = layers.add([b, c])
d = layers.Activation("relu")(d)
e = layers.Concatenate()([d, a])
out = layers.Dense(1, activation="sigmoid")(e)
model = keras.models.Model(a, out)
model.compile(optimizer=keras.optimizers.Nadam(1e-4), loss=keras.losses.BinaryCrossentropy())
""", "(16,) > Dense 16 relu > Dense 16 linear > Add 16 > Activation 16 relu > Concatenate 32 > Dense 1 sigmoid"
     " branched | binary_crossentropy | Nadam 0.0001 |")

RUNS["nested models"] = ("""
import keras
from keras.layers import Dense, Input
encoder = keras.Sequential([Input((784,)), Dense(128, activation='relu'), Dense(32, activation='relu')])
decoder = keras.Sequential([Input((32,)), Dense(128, activation='relu'), Dense(784, activation='sigmoid')])
autoencoder = keras.Sequential([encoder, decoder])
autoencoder.compile(optimizer='adam', loss='binary_crossentropy')
""", "(784,) > Dense 128 relu > Dense 32 relu > Dense 128 relu > Dense 784 sigmoid | binary_crossentropy"
     " | Adam 0.001 |")

RUNS["an autoencoder, functional"] = ("""
import keras
from keras.layers import Input, Dense
from keras.models import Model
from keras import regularizers
encoding_dim = 32
input_img = Input(shape=(784,))
encoded = Dense(encoding_dim, activation='relu', activity_regularizer=regularizers.l1(10e-5))(input_img)
decoded = Dense(784, activation='sigmoid')(encoded)
autoencoder = Model(input_img, decoded)
encoder = Model(input_img, encoded)
autoencoder.compile(optimizer='adadelta', loss='binary_crossentropy')
""", "(784,) > Dense 32 relu > Dense 784 sigmoid | binary_crossentropy | Adadelta 0.001 |")

RUNS["initializers and regularizers as objects"] = ("""
import tensorflow as tf
from tensorflow.keras import layers, initializers, regularizers
model = tf.keras.Sequential()
model.add(tf.keras.Input(shape=(10,)))
model.add(layers.Dense(20, activation=tf.nn.relu, kernel_initializer=initializers.HeUniform(seed=1),
                       kernel_regularizer=regularizers.l2(0.01)))
model.add(layers.Dense(20, activation='selu', kernel_initializer='lecun_normal',
                       kernel_regularizer=regularizers.L1L2(l1=0.1, l2=0.2)))
model.add(layers.Dense(20, kernel_initializer=tf.keras.initializers.Zeros()))
model.add(layers.Dense(1, kernel_initializer='normal', kernel_regularizer='l2'))
model.compile(tf.keras.optimizers.Adagrad(learning_rate=0.05, clipvalue=0.5), loss=tf.keras.losses.Huber())
""", "(10,) > Dense 20 relu he_uniform L2(0.01) > Dense 20 selu lecun_normal L1L2(l1=0.1, l2=0.2)"
     " > Dense 20 linear zeros > Dense 1 linear random_normal L2(0.01) | huber | Adagrad 0.05 value 0.5 |")

RUNS["a class of its own"] = ("""
import keras
from keras import layers

class MyModel(keras.Model):
    def __init__(self, units=24):
        super().__init__()
        self.first = layers.Dense(units, activation="relu")
        self.drop = layers.Dropout(0.3)
        self.last = layers.Dense(1)

    def call(self, x):
        return self.last(self.drop(self.first(x)))

import numpy as np
x, y = np.random.rand(64, 7), np.random.rand(64, 1)
model = MyModel()
model.compile(optimizer="adam", loss="mae")
model.fit(x, y, epochs=3)
""", "(7,) > Dense 24 relu > Dropout 24 0.3 > Dense 1 linear | mean_absolute_error | Adam 0.001 | 32 × 3")

RUNS["a class with a static method"] = ("""
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Conv2D, MaxPooling2D, Activation, Flatten, Dense
from tensorflow.keras import backend as K

class LeNet:
    @staticmethod
    def build(width, height, depth, classes):
        model = Sequential()
        inputShape = (height, width, depth)
        if K.image_data_format() == "channels_first":
            inputShape = (depth, height, width)
        model.add(Conv2D(20, (5, 5), padding="same", input_shape=inputShape))
        model.add(Activation("relu"))
        model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))
        model.add(Flatten())
        model.add(Dense(500))
        model.add(Activation("relu"))
        model.add(Dense(classes))
        model.add(Activation("softmax"))
        return model

model = LeNet.build(width=28, height=28, depth=1, classes=10)
model.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
""", "(28, 28, 1) > Conv2D 20 linear > Activation 20 relu > MaxPooling2D 20 > Flatten 3920 > Dense 500 linear"
     " > Activation 500 relu > Dense 10 linear > Activation 10 softmax | categorical_crossentropy | SGD 0.01 |")

RUNS["batch norm after, momentum from a dictionary"] = ("""
import keras
config = {"units": [50, 25], "opt": {"learning_rate": 0.02, "momentum": 0.8}, "rate": 0.1}
model = keras.Sequential([keras.Input((9,))])
for n, units in enumerate(config["units"]):
    model.add(keras.layers.Dense(units, activation="tanh", name=f"hidden_{n}"))
    model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.Dropout(config["rate"]))
model.add(keras.layers.Dense(1, activation="linear"))
model.compile(keras.optimizers.SGD(**config["opt"], global_clipnorm=5), loss="mean_absolute_error")
""", "(9,) > Dense 50 tanh > BatchNormalization 50 > Dropout 50 0.1 > Dense 25 tanh > BatchNormalization 25"
     " > Dropout 25 0.1 > Dense 1 linear | mean_absolute_error | SGD 0.02 momentum=0.8 global_norm 5 |")

RUNS["a loss of its own"] = ("""
import keras
from keras import backend as K
from keras import ops
def rmse(y_true, y_pred):
    return ops.sqrt(ops.mean(ops.square(y_pred - y_true), axis=-1))
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(6, activation="swish"), keras.layers.Dense(1)])
model.compile(loss=rmse, optimizer="Adam")
""", "(3,) > Dense 6 silu > Dense 1 linear | custom | Adam 0.001 |")

RUNS["a wrapped loss"] = ("""
import keras
import tensorflow as tf
def loss(labels, logits):
    return tf.keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(6, activation="gelu"), keras.layers.Dense(4)])
model.compile(loss=loss, optimizer=tf.keras.optimizers.AdamW(weight_decay=0.01))
""", "(3,) > Dense 6 gelu > Dense 4 linear | sparse_categorical_crossentropy from logits"
     " | AdamW 0.001 weight_decay=0.01 |")

RUNS["split with scikit-learn"] = ("""
import keras
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from keras.utils import to_categorical
iris = load_iris()
X = iris.data
y = to_categorical(iris.target)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=1)
model = keras.Sequential()
model.add(keras.layers.Dense(10, input_shape=(X_train.shape[1],), activation='sigmoid'))
model.add(keras.layers.Dense(y_train.shape[1], activation='softmax'))
model.compile(keras.optimizers.Adam(0.04), 'categorical_crossentropy', metrics=['accuracy'])
model.fit(X_train, y_train, validation_data=(X_test, y_test), epochs=100)
""", "(4,) > Dense 10 sigmoid > Dense 3 softmax | categorical_crossentropy | Adam 0.04 | 32 × 100 validated")

RUNS["one dimension"] = ("""
import keras
from keras.layers import *
m = keras.Sequential([
    Input((100, 3)), Conv1D(16, 5, activation='relu', padding='causal', dilation_rate=2), MaxPooling1D(4),
    SeparableConv1D(24, 3, activation='relu'), GlobalAveragePooling1D(), RepeatVector(3), LayerNormalization(),
    Flatten(), Reshape((9, -1)), Permute((2, 1)), Flatten(), GaussianNoise(0.1), Dense(2)])
m.compile(loss='log_cosh', optimizer=keras.optimizers.Lion(1e-4))
""", "(100, 3) > Conv1D 16 relu > MaxPooling1D 16 > SeparableConv1D 24 relu > GlobalAveragePooling1D 24"
     " > RepeatVector 24 > LayerNormalization 24 > Flatten 72 > Reshape 8 > Permute 9 > Flatten 72 > GaussianNoise 72"
     " > Dense 2 linear | log_cosh | Lion 0.0001 |")

RUNS["images up and down"] = ("""
import keras
from keras import layers as L
x = inp = keras.Input((32, 32, 3))
x = L.Rescaling(1 / 255.)(x)
x = L.ZeroPadding2D(1)(x)
x = L.Conv2D(8, 3, strides=(2, 2))(x)
x = L.DepthwiseConv2D(3, padding='same')(x)
x = L.SeparableConv2D(16, 3, padding='same', use_bias=False)(x)
x = L.SpatialDropout2D(0.2)(x)
x = L.AveragePooling2D(2, padding='same')(x)
x = L.UpSampling2D()(x)
x = L.Conv2DTranspose(4, 3, strides=2, padding='same', activation='relu')(x)
x = L.Cropping2D(((1, 1), (2, 2)))(x)
x = L.GlobalMaxPooling2D()(x)
model = keras.Model(inp, L.Dense(1, activation='sigmoid')(x))
model.compile(loss=keras.losses.binary_crossentropy, optimizer=keras.optimizers.Adam(amsgrad=True))
""", "(32, 32, 3) > Rescaling 3 > ZeroPadding2D 3 > Conv2D 8 linear > DepthwiseConv2D 8 linear"
     " > SeparableConv2D 16 linear no bias > SpatialDropout2D 16 0.2 > AveragePooling2D 16 > UpSampling2D 16"
     " > Conv2DTranspose 4 relu > Cropping2D 4 > GlobalMaxPooling2D 4 > Dense 1 sigmoid | binary_crossentropy"
     " | Adam 0.001 amsgrad=1 |")

RUNS["a transformer block"] = ("""
import keras
from keras import layers

def transformer_encoder(inputs, head_size, num_heads, ff_dim, dropout=0):
    x = layers.MultiHeadAttention(key_dim=head_size, num_heads=num_heads, dropout=dropout)(inputs, inputs)
    x = layers.Dropout(dropout)(x)
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    res = x + inputs
    x = layers.Conv1D(filters=ff_dim, kernel_size=1, activation="relu")(res)
    x = layers.Conv1D(filters=inputs.shape[-1], kernel_size=1)(x)
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    return x + res

def build_model(input_shape, n_blocks):
    inputs = keras.Input(shape=input_shape)
    x = inputs
    for _ in range(n_blocks):
        x = transformer_encoder(x, head_size=8, num_heads=2, ff_dim=4, dropout=0.25)
    x = layers.GlobalAveragePooling1D(data_format="channels_last")(x)
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(x))

model = build_model((50, 6), 1)
model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.Adam(learning_rate=1e-4))
""", "(50, 6) > MultiHeadAttention 6 > Dropout 6 0.25 > LayerNormalization 6 > Add 6 > Conv1D 4 relu > Conv1D 6 linear"
     " > LayerNormalization 6 > Add 6 > GlobalAveragePooling1D 6 > Dense 2 softmax branched"
     " | sparse_categorical_crossentropy | Adam 0.0001 |")

RUNS["the last of several"] = ("""
import keras
from keras.layers import Dense, Input
def make(units):
    return keras.Sequential([Input((2,)), Dense(units, activation='relu'), Dense(1)])
models = []
for units in (4, 8, 16):
    m = make(units)
    m.compile(loss='mse', optimizer='sgd')
    models.append(m)
""", "(2,) > Dense 16 relu > Dense 1 linear | mean_squared_error | SGD 0.01 |")

RUNS["conditional expressions and sums"] = ("""
import keras
deep = True
base = 2 ** 4
n = base if deep else 3
layers = []
layers.append(keras.layers.InputLayer(shape=(n,)))
layers.extend([keras.layers.Dense(n * 2 + 1, activation="relu")] if n > 10 and not False else [])
layers += [keras.layers.Dense(max(1, min(n, 3)), activation="softplus")]
model = keras.Sequential(layers)
model.compile(optimizer=keras.optimizers.get("sgd") if False else keras.optimizers.Adam(10 ** -2 / 2),
              loss=["mse"])
""", "(16,) > Dense 33 relu > Dense 3 softplus | mean_squared_error | Adam 0.005 |")

# --- earlier versions -----------------------------------------------------------------------------------------------

READ["Keras 1, init and nb_epoch"] = ("""
from keras.models import Sequential
from keras.layers import Dense
import numpy
seed = 7
numpy.random.seed(seed)
dataset = numpy.loadtxt("pima-indians-diabetes.csv", delimiter=",")
X = dataset[:,0:8]
Y = dataset[:,8]
model = Sequential()
model.add(Dense(12, input_dim=8, init='uniform', activation='relu'))
model.add(Dense(8, init='uniform', activation='relu'))
model.add(Dense(1, init='uniform', activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(X, Y, nb_epoch=150, batch_size=10)
""", "(8,) > Dense 12 relu random_uniform > Dense 8 relu random_uniform > Dense 1 sigmoid random_uniform"
     " | binary_crossentropy | Adam 0.001 | 10 × 150")

READ["Keras 0, two numbers"] = ("""
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation
from keras.optimizers import SGD

model = Sequential()
model.add(Dense(20, 64, init='uniform'))
model.add(Activation('tanh'))
model.add(Dropout(0.5))
model.add(Dense(64, 2, init='uniform'))
model.add(Activation('softmax'))
sgd = SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss='mean_squared_error', optimizer=sgd, class_mode='categorical')
model.fit(X_train, y_train, nb_epoch=20, batch_size=16, show_accuracy=True)
""", "(20,) > Dense 64 linear random_uniform > Activation 64 tanh > Dropout 64 0.5 > Dense 2 linear random_uniform"
     " > Activation 2 softmax | mean_squared_error | SGD 0.1 momentum=0.9 nesterov=1 decay=1e-06 | 16 × 20")

READ["Keras 1, convolutions"] = ("""
from keras.datasets import mnist
from keras.models import Sequential
from keras.layers import Dense, Dropout, Activation, Flatten
from keras.layers import Convolution2D, MaxPooling2D
from keras.utils import np_utils

batch_size = 128
nb_classes = 10
nb_epoch = 12
img_rows, img_cols = 28, 28
nb_filters = 32
pool_size = (2, 2)
kernel_size = (3, 3)
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train.reshape(X_train.shape[0], img_rows, img_cols, 1)
input_shape = (img_rows, img_cols, 1)
X_train = X_train.astype('float32')
X_train /= 255
print('X_train shape:', X_train.shape)
Y_train = np_utils.to_categorical(y_train, nb_classes)
Y_test = np_utils.to_categorical(y_test, nb_classes)
model = Sequential()
model.add(Convolution2D(nb_filters, kernel_size[0], kernel_size[1], border_mode='valid', input_shape=input_shape))
model.add(Activation('relu'))
model.add(Convolution2D(64, 3, 3, border_mode='same', subsample=(2, 2)))
model.add(MaxPooling2D(pool_size=pool_size))
model.add(Dropout(p=0.25))
model.add(Flatten())
model.add(Dense(output_dim=128, W_regularizer='l2'))
model.add(Activation('relu'))
model.add(Dense(nb_classes))
model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adadelta', metrics=['accuracy'])
model.fit(X_train, Y_train, batch_size=batch_size, nb_epoch=nb_epoch, verbose=1, validation_data=(X_test, Y_test))
""", "(28, 28, 1) > Conv2D 32 linear > Activation 32 relu > Conv2D 64 linear > MaxPooling2D 64 > Dropout 64 0.25"
     " > Flatten 2304 > Dense 128 linear L2(0.01) > Activation 128 relu > Dense 10 linear > Activation 10 softmax"
     " | categorical_crossentropy | Adadelta 0.001 | 128 × 12 validated")

READ["mnist, Keras 2"] = ("""
import tensorflow as tf
mnist = tf.keras.datasets.mnist
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0
model = tf.keras.models.Sequential([
  tf.keras.layers.Flatten(input_shape=(28, 28)),
  tf.keras.layers.Dense(128, activation='relu'),
  tf.keras.layers.Dropout(0.2),
  tf.keras.layers.Dense(10)
])
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer='adam', loss=loss_fn, metrics=['accuracy'])
model.fit(x_train, y_train, epochs=5)
""", "(28, 28) > Flatten 784 > Dense 128 relu > Dropout 128 0.2 > Dense 10 linear"
     " | sparse_categorical_crossentropy from logits | Adam 0.001 | 32 × 5")

READ["Python 2"] = ("""
from keras.models import Sequential as S
from keras.layers.core import Dense as D, Activation as A
import sys
print "building", len(sys.argv), \\
    "arguments"
net = S()
for n in xrange(3):
    pass
for n in range(2):
    print "layer %d" % n
    net.add(D(16, input_dim=4, init='glorot_normal'))
    net.add(A('tanh'))
net.add(D(3, init='normal', activation='softmax'))
net.compile('rmsprop', 'categorical_crossentropy')
try:
    net.fit(X, Y, 64, 10)
except ValueError, e:
    print e
""", "(4,) > Dense 16 linear glorot_normal > Activation 16 tanh > Dense 16 linear glorot_normal > Activation 16 tanh"
     " > Dense 3 softmax random_normal | categorical_crossentropy | RMSprop 0.001 | 64 × 10")

READ["wrapped for scikit-learn"] = ("""
import numpy as np
from keras.wrappers.scikit_learn import KerasClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

def create_baseline(neurons=60):
    model = Sequential()
    model.add(Dense(neurons, input_dim=60, kernel_initializer='normal', activation='relu'))
    model.add(Dense(1, kernel_initializer='normal', activation='sigmoid'))
    model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
    return model

estimators = []
estimators.append(('standardize', StandardScaler()))
estimators.append(('mlp', KerasClassifier(build_fn=create_baseline, neurons=30, epochs=100, batch_size=5, verbose=0)))
pipeline = Pipeline(estimators)
""", "(60,) > Dense 30 relu random_normal > Dense 1 sigmoid random_normal | binary_crossentropy | Adam 0.001 | 5 × 100")

READ["nothing calls it"] = ("""
from tensorflow.keras import models, layers
def build_model():
    model = models.Sequential()
    model.add(layers.Dense(64, activation='relu', input_shape=(train_data.shape[1],)))
    model.add(layers.Dense(64, activation='relu'))
    model.add(layers.Dense(1))
    model.compile(optimizer='rmsprop', loss='mse', metrics=['mae'])
    return model
""", "(None,) > Dense 64 relu > Dense 64 relu > Dense 1 linear | mean_squared_error | RMSprop 0.001 |")

READ["k-fold"] = ("""
import numpy as np
from sklearn.model_selection import StratifiedKFold
kfold = StratifiedKFold(n_splits=10, shuffle=True, random_state=7)
cvscores = []
for train, test in kfold.split(X, Y):
    model = Sequential()
    model.add(Dense(12, input_dim=8, activation='relu'))
    model.add(Dense(1, activation='sigmoid'))
    model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
    model.fit(X[train], Y[train], epochs=150, batch_size=10, verbose=0)
    scores = model.evaluate(X[test], Y[test], verbose=0)
    cvscores.append(scores[1] * 100)
""", "(8,) > Dense 12 relu > Dense 1 sigmoid | binary_crossentropy | Adam 0.001 | 10 × 150")

READ["a question with prompts"] = (""">>> from keras.models import Sequential
>>> from keras.layers import Dense
>>> model = Sequential()
>>> for i in range(2):
...     model.add(Dense(5, activation='tanh', input_shape=(3,)))
...
>>> model.add(Dense(1, activation='tanh'))
>>> model.compile(loss='mse', optimizer='sgd')
""", "(3,) > Dense 5 tanh > Dense 5 tanh > Dense 1 tanh | mean_squared_error | SGD 0.01 |")

READ["a notebook"] = ("""
!pip install keras
%matplotlib inline
from tensorflow import keras
m = keras.Sequential([keras.layers.Dense(2, input_shape=(2,), activation='hard_sigmoid')])
m.compile(optimizer=keras.optimizers.legacy.SGD(lr=0.5, decay=0.01), loss='hinge')
""", "(2,) > Dense 2 hard_sigmoid | hinge | SGD 0.5 decay=0.01 |")

READ["indented, from a question"] = ("""
    model = Sequential()
    model.add(Embedding(5000, 32, input_length=500))
    model.add(LSTM(100, dropout_U=0.2, inner_activation='hard_sigmoid'))
    model.add(Dense(1, activation='sigmoid'))
    model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['acc'])
    model.fit_generator(generate(), steps_per_epoch=100, epochs=3, validation_data=val)
""", "(500,) > Embedding 32 random_uniform > LSTM 100 tanh > Dense 1 sigmoid | binary_crossentropy | Adam 0.001"
     " | None × 3 validated")

READ["transfer"] = ("""
from tensorflow.keras.applications import VGG16
from tensorflow.keras.layers import Dense, GlobalAveragePooling2D
from tensorflow.keras.models import Model
base = VGG16(weights='imagenet', include_top=False, input_shape=(224, 224, 3))
for layer in base.layers:
    layer.trainable = False
x = GlobalAveragePooling2D()(base.output)
x = Dense(256, activation='relu')(x)
predictions = Dense(5, activation='softmax')(x)
model = Model(inputs=base.input, outputs=predictions)
model.compile(optimizer='adam', loss='categorical_crossentropy')
""", "(224, 224, 3) > VGG16 ? > GlobalAveragePooling2D ? > Dense 256 relu > Dense 5 softmax | categorical_crossentropy"
     " | Adam 0.001 |")

READ["a schedule"] = ("""
import tensorflow as tf
lr_schedule = tf.keras.optimizers.schedules.ExponentialDecay(1e-2, decay_steps=10000, decay_rate=0.9)
model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation='relu', input_shape=(2,)), tf.keras.layers.Dense(1)])
model.compile(tf.keras.optimizers.SGD(learning_rate=lr_schedule), 'mse')
""", "(2,) > Dense 4 relu > Dense 1 linear | mean_squared_error | SGD None |")

READ["Keras 1, functional"] = ("""
from keras.layers import Input, Dense, merge
from keras.models import Model
a = Input(shape=(10,))
b = Dense(10, activation='relu')(a)
c = merge([a, b], mode='sum')
d = Dense(1, activation='sigmoid')(c)
model = Model(input=a, output=d)
model.compile('sgd', loss='binary_crossentropy')
""", "(10,) > Dense 10 relu > Add 10 > Dense 1 sigmoid branched | binary_crossentropy | SGD 0.01 |")

READ["a pandas file"] = ("""
import pandas as pd
from sklearn.preprocessing import StandardScaler, LabelEncoder
df = pd.read_csv('data.csv')
X = df.drop('target', axis=1).values
y = df['target'].values
sc = StandardScaler()
X_train = sc.fit_transform(X)
classifier = Sequential()
classifier.add(Dense(units=6, kernel_initializer='uniform', activation='relu', input_dim=11))
classifier.add(Dense(units=1, kernel_initializer='uniform', activation='sigmoid'))
classifier.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
classifier.fit(X_train, y, batch_size=10, epochs=100)
""", "(11,) > Dense 6 relu random_uniform > Dense 1 sigmoid random_uniform | binary_crossentropy"
     " | Adam 0.001 | 10 × 100")

READ["unknown numbers"] = ("""
import sys, keras
n = int(sys.argv[1])
model = keras.Sequential()
model.add(keras.layers.Dense(n, activation='relu', input_shape=(4,)))
for i in range(n):
    model.add(keras.layers.Dense(8, activation='relu'))
model.add(keras.layers.Dense(2, activation=sys.argv[2]))
model.compile(loss='categorical_crossentropy', optimizer=keras.optimizers.Adam(float(sys.argv[3])))
""", "(4,) > Dense ? relu > Dense 8 relu > Dense 2 ? | categorical_crossentropy | Adam None |")
